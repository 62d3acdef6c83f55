/**
 * WeChat as a login provider, on the JDK alone: the callbacks of an official account, the client of
 * WeChat's API, and the website login of the Open Platform. It brings what WeChat says to {@link
 * io.heliograph.login.PhoneLogins}; of the other callbacks it only shares the metrics.
 */
@NullMarked
package io.heliograph.login.wechat;

import org.jspecify.annotations.NullMarked;
