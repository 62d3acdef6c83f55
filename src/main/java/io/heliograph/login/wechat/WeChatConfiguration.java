package io.heliograph.login.wechat;

import io.heliograph.idempotency.IdempotencyStore;
import io.heliograph.login.LoginNotice;
import io.heliograph.login.PhoneLogins;
import io.heliograph.login.PublicUrls;
import io.heliograph.login.QrProvider;
import io.heliograph.redis.RedisNamespace;
import io.heliograph.settings.RefusedSettingException;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.data.redis.core.StringRedisTemplate;
import tools.jackson.databind.json.JsonMapper;

/** Beans of the WeChat provider. */
@Configuration(proxyBeanMethods = false)
class WeChatConfiguration {

  private static final Duration API_TIMEOUT = Duration.ofSeconds(3);

  @Bean
  WeChatAccounts weChatAccounts(WeChatProperties properties) {
    return new WeChatAccounts(properties);
  }

  /** Null, so absent, without an account of the kind. */
  @Bean
  @Nullable LoginNotice weChatNotice(WeChatApis apis) {
    return apis.of(WeChatProperties.Kind.OFFICIAL_ACCOUNT).map(WeChatNotice::new).orElse(null);
  }

  /** Null, so absent, without an account of the kind. */
  @Bean
  @Nullable QrProvider weChatCode(WeChatApis apis, PublicUrls urls) {
    WeChatApi api = apis.of(WeChatProperties.Kind.OFFICIAL_ACCOUNT).orElse(null);
    if (api != null && urls.base().isEmpty()) {
      throw new RefusedSettingException(
          "heliograph.login.public-base-url",
          "is missing; the chat message links to the confirm page at this address");
    }
    return api == null ? null : new WeChatCode(api);
  }

  @Bean
  @Nullable QrProvider weChatWebsiteCode(WeChatAccounts accounts) {
    return accounts.first(WeChatProperties.Kind.OPEN_PLATFORM).isPresent()
        ? new WeChatWebsiteCode()
        : null;
  }

  @Bean
  WeChatEnvelope weChatEnvelope(JsonMapper json) {
    return new WeChatEnvelope(json);
  }

  @Bean
  WeChatEvents weChatEvents(PhoneLogins logins, PublicUrls urls) {
    return new WeChatEvents(logins, urls);
  }

  @Bean
  OAuthStates weChatLoginStates(OAuthStateStore store, IdempotencyStore uses) {
    return new OAuthStates(store, uses);
  }

  /** One node keeps its states itself. */
  @Bean
  @ConditionalOnProperty(name = "heliograph.broker", havingValue = "memory", matchIfMissing = true)
  OAuthStateStore memoryOAuthStates(Clock clock) {
    return new MemoryOAuthStateStore(clock);
  }

  /** Several nodes share them. */
  @Bean
  @ConditionalOnProperty(name = "heliograph.broker", havingValue = "redis")
  OAuthStateStore redisOAuthStates(StringRedisTemplate redis, RedisNamespace names) {
    return new RedisOAuthStateStore(redis, names);
  }

  /**
   * For WeChat only, not the HTTP client that other beans inject. Created with the first account,
   * because creating a client loads all trusted certificates.
   */
  @Lazy
  @Bean(destroyMethod = "shutdownNow", defaultCandidate = false)
  HttpClient weChatHttpClient() {
    return WeChatApi.client();
  }

  @Bean
  WeChatApis weChatApis(
      WeChatAccounts accounts,
      @Qualifier("weChatHttpClient") ObjectProvider<HttpClient> http,
      JsonMapper json,
      Clock clock) {
    return new WeChatApis(
        accounts, account -> new WeChatApi(account, http.getObject(), json, clock, API_TIMEOUT));
  }
}
