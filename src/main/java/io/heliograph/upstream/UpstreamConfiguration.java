package io.heliograph.upstream;

import io.heliograph.client.ClientCalls;
import io.heliograph.client.ClientPublishProperties;
import io.heliograph.client.ClientUploads;
import io.heliograph.client.PublishAuthorizer;
import io.heliograph.security.WebhookSecret;
import io.heliograph.settings.RefusedSettingException;
import io.heliograph.webhook.WebhookClient;
import io.heliograph.webhook.WebhookSigner;
import io.heliograph.webhook.WebhookUrl;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.unit.DataSize;

/** The beans for requests to the backend, if one is configured. */
@Configuration(proxyBeanMethods = false)
class UpstreamConfiguration {

  private static final String PREFIX = "heliograph.upstream.";

  private static final DataSize MAX_ANSWER = DataSize.ofMegabytes(1);
  private static final DataSize MAX_UPLOAD = DataSize.ofGigabytes(64);

  @Bean
  UpstreamMetrics upstreamMetrics(MeterRegistry meters) {
    return new UpstreamMetrics(meters);
  }

  /** Null without a backend, so that there is no bean and its threads are not started. */
  @Bean(destroyMethod = "close")
  @Nullable WebhookClient upstreamClient(UpstreamProperties settings) {
    if (settings.url() == null && settings.uploadUrl() == null) {
      return null;
    }
    // max-concurrent applies to calls and to checks of publishes separately.
    int most = 2 * settings.maxConcurrent() + settings.maxUploads();
    return new WebhookClient(Set.copyOf(settings.allowInternal()), most);
  }

  @Bean
  @Nullable WebhookSigner upstreamSigner(
      UpstreamProperties settings, ObjectProvider<WebhookClient> client) {
    return client.getIfAvailable() == null
        ? null
        : new WebhookSigner(List.of(WebhookSecret.parse(PREFIX + "secret", settings.secret())));
  }

  @Bean
  @Nullable Backend upstreamBackend(
      UpstreamProperties settings,
      ObjectProvider<WebhookClient> client,
      ObjectProvider<WebhookSigner> signer,
      Clock clock) {
    if (settings.url() == null) {
      if (!settings.methods().isEmpty() || !settings.anonymousMethods().isEmpty()) {
        throw new RefusedSettingException(
            PREFIX + "url",
            "is missing, but heliograph.upstream.methods or anonymous-methods lists methods");
      }
      return null;
    }
    return new Backend(
        client.getObject(),
        url("url", settings.url(), settings),
        signer.getObject(),
        maxAnswer(settings),
        clock);
  }

  private static WebhookUrl url(String name, String url, UpstreamProperties settings) {
    return WebhookUrl.parse(PREFIX + name, url, Set.copyOf(settings.allowInternal()));
  }

  private static int maxAnswer(UpstreamProperties settings) {
    return Math.toIntExact(bounded("max-answer", settings.maxAnswer(), MAX_ANSWER));
  }

  private static long bounded(String name, DataSize size, DataSize most) {
    if (size.toBytes() < 1 || size.compareTo(most) > 0) {
      throw new RefusedSettingException(
          PREFIX + name, "must be 1 byte to " + most.toMegabytes() + " MB, but is " + size);
    }
    return size.toBytes();
  }

  @Bean
  @Nullable ClientCalls backendCalls(
      ObjectProvider<Backend> backends,
      UpstreamProperties settings,
      UpstreamMetrics metrics,
      Clock clock) {
    Backend backend = backends.getIfAvailable();
    return backend == null
        ? null
        : new BackendCalls(
            backend,
            new BackendGuard(UpstreamMetrics.Kind.CALL, settings.maxConcurrent(), metrics, clock),
            settings.timeout(),
            new AllowedMethods(PREFIX + "methods", settings.methods()),
            new AllowedMethods(PREFIX + "anonymous-methods", settings.anonymousMethods()));
  }

  @Bean
  @Nullable PublishAuthorizer backendPublishAuthorizer(
      ObjectProvider<Backend> backends,
      UpstreamProperties settings,
      ClientPublishProperties publish,
      UpstreamMetrics metrics,
      Clock clock) {
    if (!publish.authorize()) {
      return null;
    }
    Backend backend = backends.getIfAvailable();
    if (backend == null) {
      throw new RefusedSettingException(
          PREFIX + "url", "is missing, but heliograph.upstream.publish.authorize is true");
    }
    return new BackendPublishAuthorizer(
        backend,
        new BackendGuard(UpstreamMetrics.Kind.PUBLISH, settings.maxConcurrent(), metrics, clock));
  }

  @Bean
  @Nullable ClientUploads backendUploads(
      UpstreamProperties settings,
      ObjectProvider<WebhookClient> client,
      ObjectProvider<WebhookSigner> signer,
      UpstreamMetrics metrics,
      Clock clock) {
    if (settings.uploadUrl() == null) {
      return null;
    }
    return new BackendUploads(
        client.getObject(),
        url("upload-url", Objects.requireNonNull(settings.uploadUrl()), settings),
        signer.getObject(),
        new BackendGuard(UpstreamMetrics.Kind.UPLOAD, settings.maxUploads(), metrics, clock),
        new BackendUploads.Limits(
            bounded("max-upload", settings.maxUpload(), MAX_UPLOAD),
            settings.uploadTimeout(),
            maxAnswer(settings)),
        metrics,
        clock);
  }
}
