"""Costs: from what runs took to plans, and what a report keeps of them.

amounts   what no run measured: from facts, or the price table's assumptions
prices    which prices an experiment rests on
plans     the costs of each arm
views     plans and break-evens as plain data
"""
