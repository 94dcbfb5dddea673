"""Dataset files: canonical form, hashes, checks, duplicates, leakage, diff.

    bytes --chat, documents--> examples, documents + findings of the format
          --splits.fill-->     a Dataset with every split
          --checks.check-->    findings of the content  --quality.grade--> a fact
          --canonical-->       hashes and digests
          --statistics-->      numbers for a report
    two versions --diff--> added, removed, changed, moved

``files`` is the only module that reads a file; nothing here writes one. A token
counter is an argument: no model library is imported.
"""
