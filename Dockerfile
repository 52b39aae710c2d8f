# The version that the tests run on.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
# Without pip in it, which nothing needs afterwards.
RUN python -m venv --without-pip /opt/customer-bot
WORKDIR /src
COPY LICENSE README.md manifest.yml pyproject.toml ./
COPY bot bot
COPY handlers handlers
RUN pip --python /opt/customer-bot install --no-cache-dir .

FROM python:${PYTHON}-slim
RUN useradd --uid 10001 --home-dir /data customer-bot \
    && install --directory --owner=customer-bot /data
COPY --from=build /opt/customer-bot /opt/customer-bot
ENV PATH=/opt/customer-bot/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite:////data/customer-bot.db \
    PORT=3000
# By its number, so that a platform that allows no root can see that it is none.
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 3000
# The process itself is told to stop, and ends within 25 s: give it 30.
STOPSIGNAL SIGTERM
# Of `serve` alone: `socket` listens nowhere. http.client takes no proxy, which urllib would.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import http.client, os, sys; bot = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 3000), timeout=2); bot.request('GET', '/healthz'); sys.exit(bot.getresponse().status != 200)"]
ENTRYPOINT ["customer-bot"]
CMD ["serve"]
