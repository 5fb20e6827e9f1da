require_relative "../lib/mailer"

RSpec.describe Mailer do
  it "sends the order confirmation to the customer" do
    mailer = Mailer.new(host: "localhost", from: "shop@example")
    order = double(email: "ada@example", number: 7)
    expect(mailer).to receive(:deliver).with("ada@example", "Your order 7", anything)
    mailer.order_confirmation(order)
  end
end
