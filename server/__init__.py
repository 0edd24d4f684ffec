"""HTTP in, events out.

app                      the table of routes, and what stands behind them
bodies, requests, jobs   a body becomes a job; the job's routes
batches                  many jobs at once, and how far they are
wire                     the job as everybody outside sees it
hub, subscription        one feed of changes to many readers; what each of them holds
events                   the stream itself
auth, tokens, sessions   who calls, and what they may touch
origins                  whose pages may ask
artifacts, pages         the files that jobs made; the files of the browser's half
observed, request_ids    what is noted of every request, under which name
metrics, census          figures of this process; how many jobs there are
problems, health, openapi
"""
