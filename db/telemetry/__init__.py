"""What a program says of itself, the same way in every program.

logs          a line for each thing that happened
metrics       what is counted, and how it is written down for Prometheus
connections   how the LISTEN connection and the pool are
tracing       spans, where OpenTelemetry is installed
probes        the port where machines ask: /metrics, /healthz, /readyz
"""
