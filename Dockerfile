# syntax=docker/dockerfile:1

# Both may be set to a mirror or to a digest: --build-arg RUNTIME_IMAGE=eclipse-temurin:25-jre@sha256:…
ARG BUILD_IMAGE=eclipse-temurin:25-jdk
ARG RUNTIME_IMAGE=eclipse-temurin:25-jre

FROM ${BUILD_IMAGE} AS build
WORKDIR /build
COPY .mvn .mvn
COPY mvnw pom.xml ./
COPY src src
# The tests are the build machine's work: they want Redis and a browser. The cache keeps what Maven fetched.
RUN --mount=type=cache,target=/root/.m2 \
    ./mvnw -B -ntp -Dmaven.test.skip=true -Dformat.skip package \
    && cp target/heliograph-*.jar heliograph.jar \
    && java -Djarmode=tools -jar heliograph.jar extract --layers --destination layers

FROM ${RUNTIME_IMAGE}
ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Heliograph" \
      org.opencontainers.image.description="Pushes messages from a backend to the browsers that wait for them." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

WORKDIR /heliograph
# From what changes least to what changes most, so that a new version is a small download.
COPY --from=build /build/layers/dependencies/ ./
COPY --from=build /build/layers/spring-boot-loader/ ./
COPY --from=build /build/layers/snapshot-dependencies/ ./
COPY --from=build /build/layers/application/ ./
COPY src/build/image/jvm.options src/build/image/train ./
# Trained here, in the last stage, because the cache holds for this Java, these paths and these files only.
RUN ./train && rm train

# A number, so that Kubernetes can see that it is not root. Nothing is written outside of /tmp.
USER 10001:10001
EXPOSE 8080 8081
# No shell: Java is process 1 and gets the SIGTERM.
ENTRYPOINT ["java", "@jvm.options", "-XX:AOTCache=heliograph.aot", "-jar", "heliograph.jar"]
