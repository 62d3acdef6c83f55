package io.heliograph.idempotency;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Limits of the memory store of idempotency keys. They apply to each kind of request separately:
 * publishes, logins, callbacks, WeChat events. When a limit is reached, the stored reply of a
 * publish or login that expires first is evicted; entries that protect against replay are kept, and
 * new callbacks are answered with 503.
 *
 * @param maxEntries the maximum number of keys
 * @param maxBytes the maximum size of keys and replies
 */
@Validated
@ConfigurationProperties("heliograph.idempotency")
public record IdempotencyProperties(
    @DefaultValue("100000") @Min(1) @Max(10_000_000) int maxEntries,
    @DefaultValue("64MB") DataSize maxBytes) {}
