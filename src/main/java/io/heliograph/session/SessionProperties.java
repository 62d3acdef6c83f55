package io.heliograph.session;

import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * What a session may take and how long it may last.
 *
 * @param heartbeat each session is asked for a sign of life once in this time
 * @param lifetime after about this time a session is asked to come back; each one's own is up to 20
 *     % shorter or longer
 * @param sendTimeout a write of which nothing leaves for so long closes the session as slow
 * @param maxQueuedBytes the most that waits for one slow client; past it its log is read later
 * @param maxSubscriptions the most channels that one session follows
 * @param maxFramesPerSecond the most frames that a client may send, over the long run; bursts up to
 *     five times as many
 * @param maxPerUser the most sessions of one user on this node; one more replaces the oldest
 * @param maxPerAddress the most sessions from one address on this node
 * @param maxPerNode the most sessions on this node
 */
@Validated
@ConfigurationProperties("heliograph.session")
public record SessionProperties(
    @DefaultValue("25s") @DurationMin(millis = 50) Duration heartbeat,
    @DefaultValue("4h") @DurationMin(seconds = 1) Duration lifetime,
    @DefaultValue("10s") @DurationMin(millis = 50) Duration sendTimeout,
    @DefaultValue("1MB") DataSize maxQueuedBytes,
    @DefaultValue("64") @Min(4) int maxSubscriptions,
    @DefaultValue("20") @Min(1) int maxFramesPerSecond,
    @DefaultValue("32") @Min(1) int maxPerUser,
    @DefaultValue("20000") @Min(1) int maxPerAddress,
    @DefaultValue("1000000") @Min(1) int maxPerNode) {}
