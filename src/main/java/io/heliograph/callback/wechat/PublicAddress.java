package io.heliograph.callback.wechat;

import java.net.URI;

/**
 * Where browsers reach this service, as WeChat has to be told.
 *
 * @param base without a slash at the end
 */
public record PublicAddress(URI base) {}
