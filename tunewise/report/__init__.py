"""Render what is recorded: web pages, reports, Markdown, model cards.

    view (JSON-able dict)  --complete_*-->  context  --templates/-->  text

A view has the JSON shape that the command of the same name prints (DESIGN,
section 5), so whatever can be shown can also be scripted. Nothing here knows the
store or the domain's classes. A report is the page's body with its CSS inlined.

    documents.py    one function per document that leaves the house
    pages.py        the pages of the web application
    environment.py  the one Jinja environment
    shapes.py       what a template may rely on: every key, and its empty value
    quality.py      a quality report, counted by severity
    charts.py       positions for the SVG macros, in percent of the width
    numbers.py      figures as text, always with their unit
    words.py        names and sentences for ids and conclusions
    markdown.py     user text made harmless for Markdown and YAML
"""
