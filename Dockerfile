# The program for compose.yaml: python main.py serve, or any other command.
FROM python:3.13-slim

RUN useradd --system --create-home --uid 1000 sms && install -d -o sms -g sms /data
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY main.py .
COPY domain domain
COPY storage storage
COPY sender sender
COPY ui ui

USER sms
ENV SMS_DATA_DIR=/data PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8080
# Of the web; a worker listens on no port and ends by itself when it can't send (compose.yaml turns this off for it).
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=6 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz', timeout=5)"]
ENTRYPOINT ["python", "main.py"]
CMD ["serve"]
