package io.heliograph.login.web;

import io.heliograph.client.Admission;
import io.heliograph.idempotency.IdempotentExecution;
import io.heliograph.login.LoginProperties;
import io.heliograph.login.SharedKeys;
import io.heliograph.web.OriginPolicy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** Beans that the controllers of logins share. */
@Configuration(proxyBeanMethods = false)
class LoginWebConfiguration {

  @Bean
  LoginRequestContext loginRequestContext(
      LoginProperties properties, OriginPolicy origins, Admission admission) {
    return new LoginRequestContext(properties, origins, admission);
  }

  @Bean
  IdempotentCreation idempotentCreation(
      IdempotentExecution execution, SharedKeys keys, LoginProperties properties, JsonMapper json) {
    return new IdempotentCreation(execution, keys, json, properties.life());
  }
}
