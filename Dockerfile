# finetuner-cache in Debian slim. Tools/image runs the same steps without Docker.
#
#   docker build -t finetuner-cache .
#   docker run --rm -v "$PWD:/data" finetuner-cache build photos/
FROM debian:12-slim AS build
COPY . /src
RUN /src/Tools/install --prefix /opt/finetuner-cache

FROM debian:12-slim
COPY Tools/runtime-packages.txt Tools/install-runtime /tmp/
RUN /tmp/install-runtime && rm /tmp/runtime-packages.txt /tmp/install-runtime
COPY --from=build /opt/finetuner-cache /usr/local
# Weights that are fetched stay where a volume can keep them.
ENV FINETUNER_CACHE_HOME=/cache
VOLUME /cache
WORKDIR /data
ENTRYPOINT ["finetuner-cache"]
CMD ["--help"]
