package shop.inventory;

/** Somebody asked for more than there is. */
public class OutOfStockException extends Exception {
    private final String sku;

    public OutOfStockException(String sku, int wanted) {
        super("not enough stock of " + sku + " for " + wanted);
        this.sku = sku;
    }

    public String getSku() {
        return sku;
    }
}
