public import FeatureStorage
import Tensors

extension FrozenModel {
    /// The model that made a space, as the space's recipe says. Throws `InputError` where its features came from elsewhere, where the weights
    /// are missing, and where they are others now.
    public init(of space: FeatureSpace, cache: WeightsCache, announce: (String) -> Void = { _ in }) throws {
        let object = "space \(space.fingerprint.short) (\(space.name))"
        if let origin = space.recipe[FeatureImport.recipeKey] {
            throw InputError(
                object,
                "was imported: what computed its features (\(origin)) is not known here, so that a new picture has none",
                remedy: "Compute its feature there, and search with query --vector q.npy.")
        }
        try self.init(recipe: BackboneRecipe(strings: space.recipe), cache: cache, announce: announce)
        guard self.space.fingerprint == space.fingerprint else {
            let differences = self.space.differences(from: space).joined(separator: "; ")
            throw InputError(
                object, "was made by another network: \(differences)",
                remedy: "Put the weights it was built with back, or build again with --add-space.")
        }
    }
}
