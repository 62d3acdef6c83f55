package io.heliograph.broker.redis;

import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How a node works with Redis; where it is and who may enter is said under {@code
 * spring.data.redis}.
 *
 * @param prefix what the keys and channels of this installation begin with
 * @param timeout after this long without an answer a push is answered with 503
 * @param headCheck in this time every followed channel's log is compared once with what was
 *     announced
 * @param lease how long a node that says nothing more still counts as one
 * @param unreadyAfter how long Redis may be out of reach before this node says that it is not ready
 */
@Validated
@ConfigurationProperties("heliograph.redis")
record RedisBrokerProperties(
    @DefaultValue("heliograph") @Pattern(regexp = "[A-Za-z0-9:._-]{1,64}") String prefix,
    @DefaultValue("1500ms") @DurationMin(millis = 50) Duration timeout,
    @DefaultValue("30s") @DurationMin(millis = 100) Duration headCheck,
    @DefaultValue("10s") @DurationMin(seconds = 1) Duration lease,
    @DefaultValue("5s") Duration unreadyAfter) {}
