package io.heliograph.upstream;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.List;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The backend for calls and uploads of clients.
 *
 * @param url receives calls by POST; without it clients cannot call
 * @param secret signs the requests; whsec_ and base64 of 24 to 64 bytes
 * @param methods that users may call, each an exact name or a prefix with * at the end
 * @param anonymousMethods that sessions without a user may call as well
 * @param timeout of a call, from its request to the last byte of its answer
 * @param maxConcurrent the most concurrent calls of one node
 * @param maxAnswer the most bytes of an answer
 * @param uploadUrl receives uploads by POST; without it clients cannot upload
 * @param maxUpload the most bytes of an upload
 * @param uploadTimeout the longest time of an upload without progress
 * @param maxUploads the most concurrent uploads of one node
 * @param allowInternal host names that may resolve to internal addresses, and be called without TLS
 */
@Validated
@ConfigurationProperties("heliograph.upstream")
public record UpstreamProperties(
    @Nullable String url,
    @Nullable String secret,
    @DefaultValue List<String> methods,
    @DefaultValue List<String> anonymousMethods,
    @DefaultValue("5s") @DurationMin(millis = 50) @DurationMax(minutes = 1) Duration timeout,
    @DefaultValue("64") @Min(1) @Max(10_000) int maxConcurrent,
    @DefaultValue("64KB") DataSize maxAnswer,
    @Nullable String uploadUrl,
    @DefaultValue("16MB") DataSize maxUpload,
    @DefaultValue("60s") @DurationMin(millis = 50) @DurationMax(hours = 1) Duration uploadTimeout,
    @DefaultValue("16") @Min(1) @Max(10_000) int maxUploads,
    @DefaultValue List<String> allowInternal) {

  @Override
  public String toString() {
    return "UpstreamProperties";
  }
}
