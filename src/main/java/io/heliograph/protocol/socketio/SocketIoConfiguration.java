package io.heliograph.protocol.socketio;

import com.github.benmanes.caffeine.cache.Ticker;
import io.heliograph.broker.BrokerMode;
import io.heliograph.client.Admission;
import io.heliograph.client.ClientContext;
import io.heliograph.client.LateAdmissions;
import io.heliograph.cluster.ClusterProperties;
import io.heliograph.hub.Hub;
import io.heliograph.redis.RedisNamespace;
import io.heliograph.server.HandshakeResponses;
import io.heliograph.session.SessionProperties;
import io.heliograph.transport.engineio.EngineEndpoint;
import io.heliograph.transport.engineio.EngineLimits;
import io.heliograph.transport.engineio.EngineServer;
import io.heliograph.transport.http.HttpEndpoint;
import io.heliograph.transport.http.ResponseStreams;
import io.heliograph.transport.websocket.WebSocketEndpoint;
import io.heliograph.transport.websocket.WebSocketProperties;
import io.heliograph.web.CorsResource;
import io.heliograph.web.OriginPolicy;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.data.redis.core.StringRedisTemplate;

/** Serves clients of Socket.IO, where that is enabled. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("heliograph.socketio.enabled")
class SocketIoConfiguration {

  /** A client gives up when no ping comes for an interval and this; the heartbeat may take two. */
  private static final Duration PING_MARGIN = Duration.ofSeconds(5);

  private static final Duration UPGRADE_TIMEOUT = Duration.ofSeconds(10);

  private static final String NO_AFFINITY =
      "Polling needs heliograph.cluster.affinity=true and a balancer that sends all requests of"
          + " a client to the same node; or connect with transports: ['websocket'].";

  @Bean
  SocketIoContext socketIoContext(
      ClientContext clients,
      LateAdmissions admissions,
      SocketIoProperties properties,
      SessionProperties sessions,
      Environment environment,
      ObjectProvider<StringRedisTemplate> redis,
      ObjectProvider<RedisNamespace> names,
      Clock clock,
      MeterRegistry meters) {
    KeptSessions kept = null;
    if (properties.recovery().isPositive()) {
      kept =
          BrokerMode.of(environment) == BrokerMode.REDIS
              ? new RedisKeptSessions(
                  redis.getObject(),
                  names.getObject(),
                  properties.recovery(),
                  Thread::startVirtualThread)
              : new MemoryKeptSessions(properties.recovery(), Ticker.systemTicker());
    }
    return new SocketIoContext(
        clients, admissions, kept, sessions.maxSubscriptions(), clock, meters);
  }

  @Bean
  EngineServer socketIoServer(
      SocketIoContext context,
      SocketIoProperties properties,
      SessionProperties sessions,
      WebSocketProperties sockets,
      ClusterProperties cluster,
      Environment environment,
      Admission admission,
      OriginPolicy origins,
      HandshakeResponses handshakes,
      ResponseStreams streams,
      Hub hub) {
    boolean alone = BrokerMode.of(environment) == BrokerMode.MEMORY;
    var server =
        new EngineServer(
            EngineEndpoint.of(
                properties.path(),
                new EngineLimits(
                    Math.toIntExact(sockets.maxFrame().toBytes()),
                    sessions.heartbeat(),
                    sessions.heartbeat().plus(PING_MARGIN),
                    sessions.sendTimeout(),
                    UPGRADE_TIMEOUT,
                    sockets.closeTimeout(),
                    sockets.maxDiscarded().toBytes()),
                SocketIoCodec.PROTOCOL,
                new SocketIoCodec(),
                new SocketIoGate(context, admission, origins),
                alone || cluster.affinity() ? null : NO_AFFINITY),
            handshakes,
            streams,
            System::nanoTime);
    hub.everyTick("Ending sessions that are not polled", server::tick);
    return server;
  }

  @Bean
  WebSocketEndpoint socketIoSockets(EngineServer server) {
    return server.webSocketEndpoint();
  }

  @Bean
  HttpEndpoint socketIoPolling(EngineServer server) {
    return server.httpEndpoint();
  }

  @Bean
  CorsResource socketIoCors(SocketIoProperties properties) {
    return new CorsResource(
        properties.path(), "GET, POST", "Authorization, Content-Type", true, Duration.ofHours(1));
  }
}
