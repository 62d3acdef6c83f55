package io.heliograph.protocol.http;

import io.heliograph.client.Admission;
import io.heliograph.client.ClientContext;
import io.heliograph.server.HandshakeResponses;
import io.heliograph.session.SessionProperties;
import io.heliograph.transport.http.HttpEndpoint;
import io.heliograph.transport.http.ResponseStreams;
import io.heliograph.web.CorsResource;
import io.heliograph.web.OriginPolicy;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Mounts event streams and polls where they are switched on. */
@Configuration(proxyBeanMethods = false)
class HttpV1Configuration {

  private static final String HEADERS = "Authorization, Content-Type, Last-Event-ID, Cache-Control";
  private static final Duration PREFLIGHTS = Duration.ofHours(1);
  private static final String TOKEN = "/token";
  private static final List<String> METHODS = List.of("GET", "POST");

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnBooleanProperty(name = "heliograph.events.enabled", matchIfMissing = true)
  static class Events {

    @Bean
    HttpCallers callersOfStreams(
        Admission admission, OriginPolicy origins, HandshakeResponses handshakes) {
      return new HttpCallers(admission, origins, handshakes, EventStream.INFO);
    }

    @Bean
    HttpEndpoint events(
        EventsProperties properties,
        SessionProperties sessions,
        HttpCallers callersOfStreams,
        ClientContext context,
        ResponseStreams streams) {
      return HttpEndpoint.at(
          properties.path(),
          METHODS,
          new EventsEndpoint(properties, sessions, callersOfStreams, context, streams));
    }

    @Bean
    HttpEndpoint eventsToken(
        EventsProperties properties,
        PollProperties polls,
        HttpCallers callersOfStreams,
        Clock clock) {
      Stream<String> paths =
          polls.enabled()
              ? Stream.of(properties.path(), polls.path())
              : Stream.of(properties.path());
      return HttpEndpoint.at(
          properties.path() + TOKEN,
          TokenEndpoint.METHODS,
          new TokenEndpoint(callersOfStreams, new TokenCookie(paths.toList()), clock));
    }

    @Bean
    CorsResource eventsForPages(EventsProperties properties) {
      return new CorsResource(properties.path(), "GET, POST", HEADERS, true, PREFLIGHTS);
    }

    @Bean
    CorsResource eventsTokenForPages(EventsProperties properties) {
      return new CorsResource(properties.path() + TOKEN, "POST, DELETE", HEADERS, true, PREFLIGHTS);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnBooleanProperty(name = "heliograph.poll.enabled", matchIfMissing = true)
  static class Polls {

    @Bean
    HttpCallers callersOfPolls(
        Admission admission, OriginPolicy origins, HandshakeResponses handshakes) {
      return new HttpCallers(admission, origins, handshakes, Poll.INFO);
    }

    @Bean
    HttpEndpoint poll(
        PollProperties properties,
        SessionProperties sessions,
        HttpCallers callersOfPolls,
        ClientContext context,
        ResponseStreams streams) {
      return HttpEndpoint.at(
          properties.path(), METHODS, new PollEndpoint(sessions, callersOfPolls, context, streams));
    }

    @Bean
    CorsResource pollForPages(PollProperties properties) {
      return new CorsResource(properties.path(), "GET, POST", HEADERS, true, PREFLIGHTS);
    }
  }
}
