package io.heliograph.redis;

import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How a node uses Redis. spring.data.redis configures its address and credentials.
 *
 * @param prefix of all keys and pub/sub channels of this installation
 * @param timeout the longest wait for an answer of Redis; then a publish is answered with 503
 * @param headCheck how often the log of each subscribed channel is compared with the announced
 *     positions
 * @param lease how long a node counts as present after it last renewed its lease
 * @param unreadyAfter how long Redis may be unusable before the node reports not ready
 */
@Validated
@ConfigurationProperties("heliograph.redis")
public record RedisProperties(
    @DefaultValue("heliograph") @Pattern(regexp = "[A-Za-z0-9:._-]{1,64}") String prefix,
    @DefaultValue("1500ms") @DurationMin(millis = 50) Duration timeout,
    @DefaultValue("30s") @DurationMin(millis = 100) Duration headCheck,
    @DefaultValue("10s") @DurationMin(seconds = 1) Duration lease,
    @DefaultValue("5s") Duration unreadyAfter) {}
