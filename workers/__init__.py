"""Claims in, artifacts out.

worker, heart      waits, claims what its slots can take, drains; says that it lives
attempt, outcomes  one claim: the handler beside whoever may stop it; the value it ends in
progress           how far it is, four words a second at most
backoff            how long a retry waits
maintenance        rescue, expire, prune: what every worker does for all of them
handlers           one file a job type; handlers.documents has what they share
sandbox            what confines the code
health, metrics    what probes and Prometheus are told
"""
