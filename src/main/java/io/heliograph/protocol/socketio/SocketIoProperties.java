package io.heliograph.protocol.socketio;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.Assert;
import org.springframework.validation.annotation.Validated;

/**
 * Socket.IO, for clients of that library.
 *
 * @param enabled whether clients of Socket.IO are served
 * @param path where; with a slash at the end, as the clients ask for it
 * @param recovery how long a lost session is remembered, so that its client can go on without
 *     naming positions; 0: not at all
 */
@Validated
@ConfigurationProperties("heliograph.socketio")
record SocketIoProperties(
    @DefaultValue("false") boolean enabled,
    @DefaultValue("/socket.io/") String path,
    @DefaultValue("2m") @DurationMin(seconds = 0) @DurationMax(minutes = 60) Duration recovery) {

  SocketIoProperties {
    Assert.isTrue(
        path.startsWith("/") && path.endsWith("/"),
        "heliograph.socketio.path must begin and end with a slash");
  }
}
