"""Postgres's half of the system, and the only Python that speaks SQL.

settings, errors      what everything else may import
jobs, payloads        the words: frozen rows, validated inputs
sql, pool             named statements, connections
queue, turnover       the verbs; results and claims that are one statement
readings, history     what people look at
artifacts             the files
changes               the one LISTEN connection of a process
diagnosis             what the doctor asks
migrate, embedded     the schema, and the Postgres that ships with the project
"""
