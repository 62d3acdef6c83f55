package io.heliograph.callback.wechat;

import io.heliograph.callback.LoginCallbacks;
import io.heliograph.idempotency.IdempotencyStore;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** Puts WeChat's side together. */
@Configuration(proxyBeanMethods = false)
class WeChatConfiguration {

  /** WeChat waits for 5 s; what is left is for the way. */
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(3);

  private static final Duration API_TIMEOUT = Duration.ofSeconds(3);

  @Bean
  WeChatAccounts weChatAccounts(WeChatProperties properties) {
    return new WeChatAccounts(properties);
  }

  @Bean
  WeChatEnvelope weChatEnvelope(JsonMapper json) {
    return new WeChatEnvelope(json);
  }

  @Bean
  WeChatEvents weChatEvents(LoginCallbacks logins) {
    return new WeChatEvents(logins);
  }

  @Bean
  LoginStates weChatLoginStates(IdempotencyStore store) {
    return new LoginStates(store);
  }

  @Bean
  @ConditionalOnMissingBean
  WeChatBudget weChatBudget() {
    return new WeChatBudget(
        ANSWER_WITHIN, Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("wechat-", 0).factory()));
  }

  /** For WeChat alone: not what others get who ask for a client. */
  @Bean(destroyMethod = "shutdownNow", defaultCandidate = false)
  HttpClient weChatHttpClient() {
    return WeChatApi.client();
  }

  @Bean
  WeChatApis weChatApis(
      WeChatAccounts accounts,
      @Qualifier("weChatHttpClient") HttpClient http,
      JsonMapper json,
      Clock clock) {
    return new WeChatApis(
        accounts, account -> new WeChatApi(account, http, json, clock, API_TIMEOUT));
  }
}
