"""Experiments: planned, run in child processes, concluded into a verdict, on record.

specs -> planning -> running -> results -> concluding -> decision

specs, tables      the specification: TOML in, dataclasses out
planning, planned  everything fixed before the first run, and its record
data, fitting      the data, and whether a specification fits them
training_settings  a training's settings, filled by the rules
arm_models         which model answers or is trained in which arm
endpoints          what must hold before anything is sent to one
estimating         time, memory and money before it starts
machine_load       whether other work ran beside the probe
forecasts          forecasts of runs, and what became of them
running, one_run   every arm; one run in its child process
points, telling    its metric points, and what it tells the one who waits
holding, stopping  who works on it; how it ends before its end
results            answers into intervals, comparisons and facts
concluding         from results to a new verdict
arm_runs, worked   which runs an arm rests on, and what they took
arm_quality, slices, judged, lookups, off_task, gold_passage
                   what is said beside the metrics
parts, curve       the finetune arm on parts of its examples: which, and what it shows
prediction, predictions   what the rules foresaw, beside what was measured
records, runs      what is listed and shown
marks              what the metric says of one answer
trl_export         the fine-tuning as a configuration for TRL
"""
