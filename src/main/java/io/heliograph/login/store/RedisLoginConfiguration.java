package io.heliograph.login.store;

import io.heliograph.broker.AtomicPublish;
import io.heliograph.login.GrantStore;
import io.heliograph.login.LoginProperties;
import io.heliograph.login.TicketStore;
import io.heliograph.redis.RedisNamespace;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.core.StringRedisTemplate;
import tools.jackson.databind.json.JsonMapper;

/** Login stores shared by all nodes: {@code heliograph.broker=redis}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "heliograph.broker", havingValue = "redis")
class RedisLoginConfiguration {

  @Bean
  LoginScripts loginScripts(StringRedisTemplate redis) {
    return new LoginScripts(redis);
  }

  @Bean
  TicketStore redisTicketStore(
      LoginScripts scripts,
      LoginProperties properties,
      AtomicPublish broker,
      JsonMapper json,
      Clock clock,
      MeterRegistry meters,
      RedisNamespace names) {
    return new RedisTicketStore(
        scripts,
        names,
        properties.limits().open(),
        new AnnouncedTicketChanges(broker, json, clock),
        meters);
  }

  @Bean
  GrantStore redisGrantStore(LoginScripts scripts, MeterRegistry meters, RedisNamespace names) {
    return new RedisGrantStore(scripts, names, meters);
  }
}
