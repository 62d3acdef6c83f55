package io.heliograph.upstream;

import io.heliograph.client.ClientCalls;
import io.heliograph.client.ClientPublishProperties;
import io.heliograph.client.PublishAuthorizer;
import io.heliograph.security.WebhookSecret;
import io.heliograph.settings.RefusedSettingException;
import io.heliograph.webhook.WebhookClient;
import io.heliograph.webhook.WebhookSigner;
import io.heliograph.webhook.WebhookUrl;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the backend that answers clients, where one is configured. */
@Configuration(proxyBeanMethods = false)
class UpstreamConfiguration {

  private static final String PREFIX = "heliograph.upstream.";

  /** A client waits for it with all that it sends next. */
  private static final Duration AUTHORIZE_TIMEOUT = Duration.ofSeconds(1);

  private static final long MOST_ANSWER_BYTES = 1024 * 1024;

  @Bean
  UpstreamMetrics upstreamMetrics(MeterRegistry meters) {
    return new UpstreamMetrics(meters);
  }

  /** Null, so absent, without a backend: then there are no threads for it either. */
  @Bean(destroyMethod = "close")
  @Nullable WebhookClient upstreamClient(UpstreamProperties settings) {
    return settings.url() == null
        ? null
        : new WebhookClient(Set.copyOf(settings.allowInternal()), 2 * settings.maxConcurrent());
  }

  @Bean
  @Nullable Backend upstreamBackend(
      UpstreamProperties settings, ObjectProvider<WebhookClient> client, Clock clock) {
    WebhookClient http = client.getIfAvailable();
    String url = settings.url();
    if (http == null || url == null) {
      requireNothingElse(settings);
      return null;
    }
    if (settings.maxAnswer().toBytes() < 1 || settings.maxAnswer().toBytes() > MOST_ANSWER_BYTES) {
      throw new RefusedSettingException(PREFIX + "max-answer", "has to be 1 byte to 1 MB");
    }
    return new Backend(
        http,
        WebhookUrl.parse(PREFIX + "url", url, Set.copyOf(settings.allowInternal())),
        new WebhookSigner(List.of(WebhookSecret.parse(PREFIX + "secret", settings.secret()))),
        Math.toIntExact(settings.maxAnswer().toBytes()),
        clock);
  }

  private static void requireNothingElse(UpstreamProperties settings) {
    if (!settings.methods().isEmpty() || !settings.anonymousMethods().isEmpty()) {
      throw new RefusedSettingException(
          PREFIX + "url", "is missing: methods are listed, and nothing could answer them");
    }
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
            new GuardedBackend(
                backend,
                UpstreamMetrics.Kind.CALL,
                settings.maxConcurrent(),
                settings.timeout(),
                metrics,
                clock),
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
          PREFIX + "url", "is missing: publish.authorize asks the backend there");
    }
    return new BackendPublishAuthorizer(
        new GuardedBackend(
            backend,
            UpstreamMetrics.Kind.PUBLISH,
            settings.maxConcurrent(),
            AUTHORIZE_TIMEOUT,
            metrics,
            clock));
  }
}
