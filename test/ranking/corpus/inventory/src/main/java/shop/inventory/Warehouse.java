package shop.inventory;

import java.util.List;

/** A building with shelves. */
public record Warehouse(String city, List<String> shelves) {

    /** The shelf to put a product on: always the same one for the same product. */
    public String shelfFor(String sku) {
        return shelves.get(Math.floorMod(sku.hashCode(), shelves.size()));
    }
}
