"""What is wrong with a rule set although every file is valid.

check:     worked cases that fail or lack, criteria out of reach, options that
           never win, doubles, masked and contradicting criteria, gaps
coverage:  which tests the worked cases exercise
"""

from tunewise.engine.analysis.checking import Analysis, check
from tunewise.engine.analysis.coverage import Coverage, coverage
from tunewise.engine.analysis.outcomes import Outcomes
from tunewise.engine.analysis.problems import Problem

__all__ = ["Analysis", "Coverage", "Outcomes", "Problem", "check", "coverage"]
