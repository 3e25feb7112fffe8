import Backbones
public import FeatureStorage
import Foundation
import ImageInput
public import Tensors

/// Turns a picture into a vector of a store's space: from the store where it is in there, else with the same frozen network.
public struct PictureEmbedder {
    private let store: FeatureStore
    private let space: FeatureSpace
    private let cache: WeightsCache

    /// An embedder for `space`.
    public init(store: FeatureStore, space: FeatureSpace, cache: WeightsCache) {
        self.store = store
        self.space = space
        self.cache = cache
    }

    /// The raw feature of the picture at `path`, shape `[1, dimension]`. Throws `InputError` where it is no picture, or where the network at hand is not the one that made the space.
    public func feature(
        ofPictureAt path: String, in listed: ListedFeatures, announce: (String) -> Void = { _ in }
    ) throws -> Matrix {
        let file = try PictureFile(path: path)
        if let feature = listed.feature(of: Fingerprint(of: file.bytes)) { return feature }
        let recipe = try BackboneRecipe(strings: space.recipe)
        let model = try FrozenModel(recipe: recipe, cache: cache, announce: announce)
        guard model.space.fingerprint == space.fingerprint else {
            let differences = model.space.differences(from: space).joined(separator: "; ")
            throw InputError(
                "space \(space.fingerprint.short) (\(space.name))", "was made by another network: \(differences)",
                remedy: "Put the weights it was built with back, or build again with --add-space.")
        }
        let input: Tensor4
        do {
            input = try model.preprocessor.tensor(of: ImageDecoder(for: model.preprocessor).decode(file.bytes))
        } catch let error as InputError { throw InputError(path, error.fact, remedy: error.remedy) }
        return try model.makeBackbone(batchSize: 1).features(of: input)
    }
}
