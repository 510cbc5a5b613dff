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
ENTRYPOINT ["python", "main.py"]
CMD ["serve"]
