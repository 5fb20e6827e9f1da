require "net/smtp"
require_relative "template"

# Sends letters to customers.
class Mailer
  def initialize(host:, from:)
    @host = host
    @from = from
  end

  # Sends the confirmation of an order.
  def order_confirmation(order)
    deliver(order.email, "Your order #{order.number}", Template.render(:order, order: order))
  end

  # Sends a link to choose a new password; it works for one hour.
  def password_reset(customer, token)
    deliver(customer.email, "Forgotten password", Template.render(:reset, token: token))
  end

  private

  def deliver(to, subject, body)
    Net::SMTP.start(@host) do |smtp|
      smtp.send_message("Subject: #{subject}\n\n#{body}", @from, to)
    end
  end
end
