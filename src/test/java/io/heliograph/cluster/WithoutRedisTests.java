package io.heliograph.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.Node;
import io.lettuce.core.resource.ClientResources;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/** A node that works without Redis has nothing of it. */
class WithoutRedisTests {

  @Test
  void aNodeWithTheMemoryBrokerHasNoRedisClientAndNoHealthOfIt() throws Exception {
    try (Node node = Node.start()) {
      assertThat(node.context().getBeanNamesForType(RedisConnectionFactory.class)).isEmpty();
      assertThat(node.context().getBeanNamesForType(ClientResources.class)).isEmpty();
      assertThat(node.manage("/actuator/health/readiness").statusCode()).isEqualTo(200);
    }
  }
}
