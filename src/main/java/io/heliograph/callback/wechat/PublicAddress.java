package io.heliograph.callback.wechat;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where browsers reach this service, as WeChat has to be told.
 *
 * @param base without a slash at the end; null: not configured, and then there is no website login
 */
public record PublicAddress(@Nullable URI base) {}
