import FeatureStorage
import ImageInput
import ModelGraph
import Tensors
import Testing

@testable import Pipeline

@Suite("BackboneRecipe")
struct BackboneRecipeTests {
    @Test("A recipe survives the strings of a store")
    func roundTrip() throws {
        let plain = BackboneRecipe(weights: .named("resnet50"))
        let rich = BackboneRecipe(
            weights: .file("/w.pth"), cut: "layer3", pool: .max, preprocessing: "torchvision-v2", exif: .ignore)
        let prepared = BackboneRecipe(
            weights: .file("/w.pth"), preprocessing: "torchvision-v2",
            overrides: PreprocessingOverrides(
                inputSize: InputSize("32x48"), resize: .cropFraction(0.9), interpolation: .box,
                mean: ColorValues([0, 0.5, 1]), standardDeviation: ColorValues([1, 2, 3]), channelOrder: .bgr))
        for recipe in [plain, rich, prepared] { #expect(try BackboneRecipe(strings: recipe.strings) == recipe) }
    }

    @Test("A recipe with a setting of the preprocessing that is not known is an error, not another preprocessing")
    func unknownSetting() {
        #expect(throws: InputError.self) {
            try BackboneRecipe(strings: ["model": "resnet50", "preprocessing.interpolation": "spline"])
        }
    }

    @Test("Presets have the fields, and with them the fingerprints, that they always had")
    func fingerprints() throws {
        let expected = [
            "torchvision-v1": "942b460c6751dba6bd85570c60a297693bd6b0f0afb2af6455da10fd53cede87",
            "torchvision-v2": "c58a6bc5f28129132092a620332399c9ad8bb837aa18a78b03d85dc6df0135a5",
            "timm-bicubic-0.95": "202c9a17a8a314dc4224a007524c277f615b476142fd21b843cc378a65a107e5",
            "efficientnet-lite0": "9abf7f27a4371b7a1794606ec19053b0fb941dff7710610f4fa1c79c8ee357e0",
        ]
        for (name, hex) in expected {
            let preset = try ImagePreprocessor.preset(named: name)
            for preprocessor in [preset, try PreprocessingOverrides(channelOrder: .rgb).applied(to: preset)] {
                let space = FeatureSpace(name: name, fields: preprocessor.fields, dimension: 8)
                #expect(space.fingerprint.hex == hex, "\(name)")
            }
        }
    }

    @Test("Features that no model here can make are an error")
    func imported() {
        #expect(throws: InputError.self) { try BackboneRecipe(strings: [:]) }
    }
}
