import Backbones
import ImageInput
import ModelGraph
import Tensors

/// A network as its file has it, before it is cut, and how its pictures are prepared.
struct WholeNetwork {
    /// What people call it.
    let title: String
    let weights: WeightsOnDisk
    let graph: ModelGraph
    let preprocessor: ImagePreprocessor

    /// Reads the weights that `recipe` names. With `isPartial`, what cannot be imported may be missing at the end.
    init(recipe: BackboneRecipe, isPartial: Bool, cache: WeightsCache, announce: (String) -> Void) throws {
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
        graph = try file.graph(
            height: preprocessor.cropHeight, width: preprocessor.cropWidth, layout: recipe.layout,
            isPartial: isPartial)
        guard graph.inputChannels == 3 else {
            throw InputError(
                weights.path, "takes pictures of \(graph.inputChannels) channels, not of red, green and blue",
                remedy: "Use a network for color pictures.")
        }
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

    private static func usualPreset(of file: NetworkFile) -> String {
        let twin = ModelCatalog.all.first { $0.architecture == file.architecture }
        return twin?.preprocessing ?? "torchvision-v1"
    }
}
