package io.heliograph.transport.sockjs;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * SockJS below the paths of the protocols that speak WebSocket.
 *
 * @param enabled whether its clients may connect
 */
@ConfigurationProperties("heliograph.sockjs")
public record SockJsProperties(@DefaultValue("false") boolean enabled) {}
