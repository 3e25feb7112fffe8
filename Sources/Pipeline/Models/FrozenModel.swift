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
    /// What the bytes of `.int8` stand for; nil until it is known.
    public let calibration: Calibration?

    /// Reads the weights that `recipe` names, fetching a named model's where they are missing, and cuts the network.
    /// Throws `InputError` where a file is missing or damaged, the cut is not a layer, or the preprocessing contradicts itself.
    public init(recipe: BackboneRecipe, cache: WeightsCache, announce: (String) -> Void = { _ in }) throws {
        let network = try WholeNetwork(recipe: recipe, isPartial: recipe.cut != nil, cache: cache, announce: announce)
        try self.init(network, try Tailor(network.graph).cut(after: recipe.cut, pool: recipe.pool), recipe)
    }

    /// What `tailored` is of `network`.
    init(_ network: WholeNetwork, _ tailored: TailoredModel, _ recipe: BackboneRecipe) throws {
        precision = recipe.precision
        calibration = recipe.calibration
        graph = tailored.graph
        preprocessor = network.preprocessor
        weights = network.weights
        space = try Self.space(network.title, tailored, preprocessor, recipe)
    }

    /// The backbone that computes the features, compiled for batches of `batchSize` pictures.
    public func makeBackbone(batchSize: Int) throws -> any Backbone {
        try OneDNNBackbone(
            graph: graph, height: preprocessor.cropHeight, width: preprocessor.cropWidth, precision: precision,
            calibration: calibration, batchSize: batchSize)
    }

    /// The field of a space that says which calibration its features were computed with.
    static let calibrationField = "precision.calibration"

    /// Whether it needs a calibration before it can run.
    public var lacksCalibration: Bool { precision == .int8 && calibration == nil }

    /// The same model with `calibration`, in the space that belongs to it.
    public func calibrated(by calibration: Calibration) -> FrozenModel {
        FrozenModel(self, calibration)
    }

    /// The same model with the calibration of the first of `spaces` that belongs to the same network, cut and preprocessing;
    /// nil where none does.
    public func calibrated(like spaces: [FeatureSpace]) throws -> FrozenModel? {
        for known in spaces where known.fields.filter({ $0.key != Self.calibrationField }) == space.fields {
            let recipe = try BackboneRecipe(strings: known.recipe)
            if let calibration = recipe.calibration { return calibrated(by: calibration) }
        }
        return nil
    }

    private init(_ model: FrozenModel, _ calibration: Calibration) {
        (graph, preprocessor, weights) = (model.graph, model.preprocessor, model.weights)
        precision = model.precision
        self.calibration = calibration
        var (fields, recipe) = (model.space.fields, model.space.recipe)
        fields[Self.calibrationField] = calibration.fingerprint.hex
        recipe["calibration"] = calibration.text
        space = FeatureSpace(
            name: model.space.name, fields: fields, dimension: model.space.dimension, rowType: model.space.rowType,
            recipe: recipe)
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
        fields[Self.calibrationField] = recipe.calibration?.fingerprint.hex
        let pooled = tailored.pool.map { ", \($0.rawValue) pooled" } ?? ""
        let computed = recipe.precision == .f32 ? "" : ", computed in \(recipe.precision.rawValue)"
        let kept = recipe.rowType == .float16 ? "" : ", \(recipe.rowType.rawValue)"
        return FeatureSpace(
            name: "\(title) @ \(tailored.cut)\(pooled)\(computed)\(kept)", fields: fields, dimension: dimension,
            rowType: recipe.rowType, recipe: recipe.strings)
    }
}
