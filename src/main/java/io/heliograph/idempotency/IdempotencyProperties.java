package io.heliograph.idempotency;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * How much one node remembers of requests that may come again, for each kind of them by itself:
 * publishes, logins, callbacks, WeChat's events. When it is full, the kept reply of a publish or
 * login that is soonest to expire goes; what protects against replay stays, and new callbacks are
 * answered 503.
 *
 * @param maxEntries the most keys
 * @param maxBytes the most bytes of keys and replies
 */
@Validated
@ConfigurationProperties("heliograph.idempotency")
public record IdempotencyProperties(
    @DefaultValue("100000") @Min(1) @Max(10_000_000) int maxEntries,
    @DefaultValue("64MB") DataSize maxBytes) {}
