package io.heliograph.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.Node;
import io.lettuce.core.resource.ClientResources;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/** The risk: a node with the memory broker creates Redis clients or reports an unhealthy Redis. */
class WithoutRedisTests {

  @Test
  void theMemoryBrokerCreatesNoRedisClientAndNoRedisHealthCheck() throws Exception {
    try (Node node = Node.start()) {
      assertThat(node.context().getBeanNamesForType(RedisConnectionFactory.class)).isEmpty();
      assertThat(node.context().getBeanNamesForType(ClientResources.class)).isEmpty();
      assertThat(node.manage("/actuator/health/readiness").statusCode()).isEqualTo(200);
    }
  }
}
