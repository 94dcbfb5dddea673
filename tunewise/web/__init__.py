"""The web application: parse the address, call a workflow, render.

    request --hosts--> blueprint --> workflow (dict) --> page or JSON twin --headers-->

One blueprint a noun. Every page has a twin: ``.json`` after the path gives exactly
what the workflow returned. Nothing is written, no cookie is set, no script is sent.

    app.py       the application factory
    site.py      what a request needs: the home and the template environment; twins
    security.py  hosts that are answered, headers on every response
    problems.py  error pages, and their twins
    server.py    waitress
"""
