"""What the tests of the analysis share."""

import pytest


@pytest.fixture
def case():
    """A worked case's text from its facts, the ids that match, and the option."""

    def write(facts: str, matched: str, recommended: str) -> str:
        return (
            f'title = "T"\n[facts]\n{facts}\n[expect]\nmatched = {matched}\n'
            f'recommended = "{recommended}"\n'
        )

    return write
