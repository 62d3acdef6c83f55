package io.heliograph.demo;

import com.google.zxing.NotFoundException;
import com.google.zxing.ReaderException;
import io.heliograph.login.LoginOutcome;
import io.heliograph.login.PhoneLogins;
import io.heliograph.support.QrReader;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.Map;
import javax.imageio.ImageIO;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Plays the phone, the site's app on it and the app's backend: its camera reads the code off the
 * login page, its user is alice, and then it opens the confirm page as any phone would.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("heliograph-demonstration")
class DemoPhone {

  private static final String SUBJECT = "alice";

  private final PhoneLogins logins;

  DemoPhone(PhoneLogins logins) {
    this.logins = logins;
  }

  @Bean
  RouterFunction<ServerResponse> demoPhoneRoutes() {
    return RouterFunctions.route().POST("/demo/phone/camera", this::look).build();
  }

  /**
   * For all examples: only who sits at this machine. The picture of another window and what was
   * recorded need {@code blob:}.
   */
  @Bean
  @Order(0)
  SecurityFilterChain demoChain(HttpSecurity http) {
    return http.securityMatcher("/demo/**")
        .csrf(AbstractHttpConfigurer::disable)
        .authorizeHttpRequests(
            requests ->
                requests
                    .requestMatchers(request -> isHere(request.getRemoteAddr()))
                    .permitAll()
                    .anyRequest()
                    .denyAll())
        .headers(
            headers ->
                headers.contentSecurityPolicy(
                    csp ->
                        csp.policyDirectives(
                            "default-src 'self'; img-src 'self' blob:; media-src blob:;"
                                + " frame-ancestors 'none'")))
        .build();
  }

  private static boolean isHere(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (IOException e) {
      return false;
    }
  }

  private ServerResponse look(ServerRequest request) throws Exception {
    BufferedImage seen = ImageIO.read(new ByteArrayInputStream(request.body(byte[].class)));
    try {
      String ticket = read(seen);
      return switch (logins.scanned(ticket, SUBJECT, "app")) {
        case LoginOutcome.Done done ->
            ServerResponse.ok().body(Map.of("page", "/l/" + ticket + "#k=" + done.phoneToken()));
        case LoginOutcome.Refused refused ->
            ServerResponse.ok().body(Map.of("trouble", "The code was refused: " + refused.why()));
      };
    } catch (ReaderException e) {
      return ServerResponse.ok().body(Map.of("trouble", "There is no code to be seen."));
    }
  }

  private static String read(BufferedImage seen) throws ReaderException {
    if (seen == null) {
      throw NotFoundException.getNotFoundInstance();
    }
    String content = QrReader.read(seen);
    String path = URI.create(content).getPath();
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
