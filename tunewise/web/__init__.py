"""The web application: parse the address, call a workflow, render.

    request --hosts--> blueprint --> workflow (dict) --> page or JSON twin --headers-->

One blueprint a noun. Every page has a twin: ``.json`` after the path gives exactly
what the workflow returned. Acts are forms: sent, done, and the record is shown. No
cookie is set.

    app.py       the application factory
    site.py      what a request needs: the home and the template environment; twins
    security.py  hosts and origins that are answered, headers on every response
    transfer.py  compressed where asked for, not at all where known
    forms.py     what a form sent, and what is wrong with it, field by field
    problems.py  error pages, and their twins
    server.py    waitress
    api/         the HTTP API, for programs
"""
