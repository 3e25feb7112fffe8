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

    /// Reads the weights that `recipe` names, fetching a named model's where they are missing, and cuts the network.
    /// Throws `InputError` where a file is missing or damaged, the cut is not a layer, or the preprocessing contradicts itself.
    public init(recipe: BackboneRecipe, cache: WeightsCache, announce: (String) -> Void = { _ in }) throws {
        let title: String
        var named: NamedModel?
        switch recipe.weights {
        case .named(let name):
            let model = try ModelCatalog.model(named: name)
            weights = try cache.weights(of: model, announce: announce)
            title = model.name
            named = model
        case .file(let file):
            weights = WeightsOnDisk(path: file, fingerprint: try Fingerprint(ofFileAt: file))
            title = file.split(separator: "/").last.map(String.init) ?? file
        }
        let file = try NetworkFile(path: weights.path)
        let preset = recipe.preprocessing ?? named?.preprocessing ?? Self.usualPreset(of: file)
        preprocessor = try Self.preprocessor(preset, recipe, file)
        // A user who says where to cut need not care what comes after.
        let whole = try file.graph(
            height: preprocessor.cropHeight, width: preprocessor.cropWidth, layout: recipe.layout,
            isPartial: recipe.cut != nil)
        guard whole.inputChannels == 3 else {
            throw InputError(
                weights.path, "takes pictures of \(whole.inputChannels) channels, not of red, green and blue",
                remedy: "Use a network for color pictures.")
        }
        let tailored = try Tailor(whole).cut(after: recipe.cut, pool: recipe.pool)
        graph = tailored.graph
        space = try Self.space(title, tailored, preprocessor, recipe)
    }

    /// The preset with what the recipe says otherwise. The size that a file says its network takes is a setting like
    /// any other; where only that differs from the preset, pictures are resized in the preset's proportion to the crop.
    private static func preprocessor(
        _ preset: String, _ recipe: BackboneRecipe, _ file: NetworkFile
    ) throws -> ImagePreprocessor {
        let base = try ImagePreprocessor.preset(named: preset).with(exif: recipe.exif)
        var overrides = recipe.overrides
        if overrides.inputSize == nil, let declared = try file.inputSize(layout: recipe.layout),
            let size = InputSize(height: declared.height, width: declared.width),
            size.height != base.cropHeight || size.width != base.cropWidth
        {
            overrides.inputSize = size
            if overrides.resize == nil, let length = base.resize {
                overrides.resize = ResizeChoice(cropFraction: Double(base.cropHeight) / Double(length))
            }
        }
        return try overrides.applied(to: base)
    }

    /// The backbone that computes the features, compiled for batches of `batchSize` pictures.
    public func makeBackbone(batchSize: Int) throws -> any Backbone {
        try OneDNNBackbone(
            graph: graph, height: preprocessor.cropHeight, width: preprocessor.cropWidth, batchSize: batchSize)
    }

    private static func usualPreset(of file: NetworkFile) -> String {
        let twin = ModelCatalog.all.first { $0.architecture == file.architecture }
        return twin?.preprocessing ?? "torchvision-v1"
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
        fields["precision"] = "f32"
        let pooled = tailored.pool.map { ", \($0.rawValue) pooled" } ?? ""
        let kept = recipe.rowType == .float16 ? "" : ", \(recipe.rowType.rawValue)"
        return FeatureSpace(
            name: "\(title) @ \(tailored.cut)\(pooled)\(kept)", fields: fields, dimension: dimension,
            rowType: recipe.rowType, recipe: recipe.strings)
    }
}
