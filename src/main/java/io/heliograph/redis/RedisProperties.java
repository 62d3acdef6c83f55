package io.heliograph.redis;

import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How a node uses Redis. spring.data.redis says where Redis is, and with which credentials.
 *
 * @param prefix of all keys and pub/sub channels of this installation
 * @param timeout after this long without an answer a publish is answered with 503
 * @param headCheck the time in which every subscribed channel's log is compared once with what was
 *     announced
 * @param lease how long a node counts as present after it last renewed its lease
 * @param unreadyAfter how long Redis may be unusable before this node is not ready
 */
@Validated
@ConfigurationProperties("heliograph.redis")
public record RedisProperties(
    @DefaultValue("heliograph") @Pattern(regexp = "[A-Za-z0-9:._-]{1,64}") String prefix,
    @DefaultValue("1500ms") @DurationMin(millis = 50) Duration timeout,
    @DefaultValue("30s") @DurationMin(millis = 100) Duration headCheck,
    @DefaultValue("10s") @DurationMin(seconds = 1) Duration lease,
    @DefaultValue("5s") Duration unreadyAfter) {}
