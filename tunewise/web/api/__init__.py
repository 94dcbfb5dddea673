"""The HTTP API under ``/api/v1``: what the command line does, for programs.

    request --route table--> parameters and body, checked --> workflow --> JSON

One table of routes is everything: the addresses that are served, the schemas that
requests are held against, and the OpenAPI document are all made from it.

    route.py     a route; what a handler is asked, and what it replies
    shapes.py    the JSON Schemas that several routes share
    table.py     every route, and the commands that have none
    asking.py    reads a request as its route describes it
    serving.py   the blueprint
    openapi.py   the document
    problems.py  errors as RFC 9457 has them
    etags.py     whether a decision is still what was read
    paging.py    lists by pages
    contents.py  contents of files that came in a body

The handlers stand in one module a noun, each beside its routes.
"""
