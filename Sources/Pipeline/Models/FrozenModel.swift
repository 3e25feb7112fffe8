public import Backbones
public import FeatureStorage
public import ImageInput
public import ModelGraph
import Tensors

/// A network cut and frozen, together with how its pictures are prepared: everything that decides a feature's numbers.
public struct FrozenModel: Sendable {
    /// The network up to and including the cut.
    public let graph: ModelGraph
    /// How a picture becomes its input.
    public let preprocessor: ImagePreprocessor
    /// The space its features live in.
    public let space: FeatureSpace
    /// The file that the weights came from.
    public let weights: WeightsOnDisk
    /// In which numbers it computes.
    public let precision: Precision

    /// Reads the weights that `recipe` names, fetching a named model's where they are missing, and cuts the network.
    /// Throws `InputError` where a file is missing or damaged, the cut is not a layer, or the preprocessing contradicts itself.
    public init(recipe: BackboneRecipe, cache: WeightsCache, announce: (String) -> Void = { _ in }) throws {
        let network = try WholeNetwork(recipe: recipe, isPartial: recipe.cut != nil, cache: cache, announce: announce)
        try self.init(network, try Tailor(network.graph).cut(after: recipe.cut, pool: recipe.pool), recipe)
    }

    /// What `tailored` is of `network`.
    init(_ network: WholeNetwork, _ tailored: TailoredModel, _ recipe: BackboneRecipe) throws {
        precision = recipe.precision
        graph = tailored.graph
        preprocessor = network.preprocessor
        weights = network.weights
        space = try Self.space(network.title, tailored, preprocessor, recipe)
    }

    /// The backbone that computes the features, compiled for batches of `batchSize` pictures.
    public func makeBackbone(batchSize: Int) throws -> any Backbone {
        try OneDNNBackbone(
            graph: graph, height: preprocessor.cropHeight, width: preprocessor.cropWidth, precision: precision,
            batchSize: batchSize)
    }

    private static func space(
        _ title: String, _ tailored: TailoredModel, _ preprocessor: ImagePreprocessor, _ recipe: BackboneRecipe
    ) throws -> FeatureSpace {
        let graph = tailored.graph
        let shapes = try graph.shapes(height: preprocessor.cropHeight, width: preprocessor.cropWidth)
        guard case .vector(let dimension)? = shapes[graph.outputName] else {
            throw InputError("cut '\(tailored.cut)'", "does not give a vector")
        }
        var fields = preprocessor.fields
        fields["model.architecture"] = graph.architecture
        fields["model.graph"] = graph.structureFingerprint.hex
        fields["model.tensors"] = graph.tensorsFingerprint.hex
        fields["cut"] = tailored.cut
        fields["pool"] = tailored.pool?.rawValue ?? "none"
        fields["precision"] = recipe.precision.rawValue
        let pooled = tailored.pool.map { ", \($0.rawValue) pooled" } ?? ""
        let computed = recipe.precision == .f32 ? "" : ", computed in \(recipe.precision.rawValue)"
        let kept = recipe.rowType == .float16 ? "" : ", \(recipe.rowType.rawValue)"
        return FeatureSpace(
            name: "\(title) @ \(tailored.cut)\(pooled)\(computed)\(kept)", fields: fields, dimension: dimension,
            rowType: recipe.rowType, recipe: recipe.strings)
    }
}
