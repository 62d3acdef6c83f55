# syntax=docker/dockerfile:1

# Set these to a mirror or a digest with --build-arg RUNTIME_IMAGE=eclipse-temurin:25-jre@sha256:…
ARG BUILD_IMAGE=eclipse-temurin:25-jdk
ARG RUNTIME_IMAGE=eclipse-temurin:25-jre

FROM ${BUILD_IMAGE} AS build
WORKDIR /build
COPY .mvn .mvn
COPY mvnw pom.xml ./
COPY src src
# No tests here: they need Redis and a browser and run in CI. The mount caches Maven's downloads.
RUN --mount=type=cache,target=/root/.m2 \
    ./mvnw -B -ntp -Dmaven.test.skip=true -Dformat.skip package \
    && cp target/heliograph-*.jar heliograph.jar \
    && java -Djarmode=tools -jar heliograph.jar extract --layers --destination layers

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Heliograph" \
      org.opencontainers.image.description="Pushes messages from a backend to web browsers." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

WORKDIR /heliograph
# Layers that change least come first, so that a new version is a small download.
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
COPY src/build/image/jvm.options src/build/image/train ./
# The AOT cache is trained in this stage, because it is valid for this JVM, these paths and these files only.
RUN ./train && rm train

# Numeric, so that Kubernetes can verify runAsNonRoot. Nothing is written outside /tmp.
USER 10001:10001
EXPOSE 8080 8081
# No shell: Java is process 1 and receives SIGTERM.
ENTRYPOINT ["java", "@jvm.options", "-XX:AOTCache=heliograph.aot", "-jar", "heliograph.jar"]
