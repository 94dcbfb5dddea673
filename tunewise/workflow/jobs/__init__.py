"""Heavy work that the service was asked for: kept on disk, done one after the other.

    records     what was asked for, and how far it is: one folder a job
    queue       the one thread that starts the next child, and notices a dead one
    child       what runs in the process of its own
    asked       specifications from a browser: no path in them is ever followed
    views       a job as pages show it

A job that was cut off, by a restart or a crash, goes on with the next start.
"""
