# One image for web, worker, beat and set-up; deploy/start chooses the role.
FROM python:3.11-slim-bookworm AS base
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONUTF8=1 PATH=/venv/bin:$PATH
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      fontconfig fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
      postgresql-client-15 \
 && rm -rf /var/lib/apt/lists/*

# FandolFang and FandolKai for official documents, without the TeX system around them.
FROM base AS fonts
WORKDIR /fonts
RUN apt-get update \
 && apt-get -o APT::Sandbox::User=root download texlive-lang-chinese \
 && dpkg-deb --fsys-tarfile texlive-lang-chinese_*.deb \
    | tar -x --wildcards '*/FandolFang-Regular.otf' '*/FandolKai-Regular.otf' --transform 's,.*/,,' \
 && rm texlive-lang-chinese_*.deb

FROM base AS packages
COPY requirements/base.txt .
RUN python -m venv /venv \
 && /venv/bin/python -m pip install --no-cache-dir --require-hashes --only-binary :all: -r base.txt

FROM base
COPY --from=packages /venv /venv
COPY --from=fonts /fonts /usr/share/fonts/opentype/fandol
RUN fc-cache --system-only \
 && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin portal \
 && install -d -o portal -g portal /data
WORKDIR /app
COPY . .
ENV VAR_DIR=/data STATIC_ROOT=/app/staticfiles FONT_DIR=/usr/share/fonts/opentype/fandol BIND=0.0.0.0 PORT=8000
RUN VAR_DIR=/tmp/build python manage.py collectstatic --no-input -v0 \
 && rm -rf /tmp/build \
 && python -m compileall -q /app
ENV PORTAL_MODE=production
USER portal
EXPOSE 8000
VOLUME /data
ENTRYPOINT ["/app/deploy/start"]
CMD ["web"]
